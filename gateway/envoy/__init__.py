"""Envoy's configuration, rendered from settings and the contract. No rules of the domain."""
