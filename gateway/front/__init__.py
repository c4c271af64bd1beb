"""What the gateway answers beside the contract: readiness and the OpenAPI document."""
