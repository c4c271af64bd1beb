"""The one door: Envoy's configuration, and what stands beside it. No rules of the domain."""
