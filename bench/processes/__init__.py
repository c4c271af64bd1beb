"""What benchmarks run as processes of their own, so that each has an event loop to itself."""
