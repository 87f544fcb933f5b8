"""What monitoring reads at /metrics: counted requests (shared, middleware) and figures of the moment (gather)."""
