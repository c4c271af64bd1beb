"""The services of the suite; each stands alone."""
