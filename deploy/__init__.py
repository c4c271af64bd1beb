"""How the suite is run: the local stack and what other deployments need. No rules of the domain."""
