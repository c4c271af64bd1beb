"""OpenAPI 3.1 from the descriptor set, as the JSON door behaves. It knows no RPC by name."""
