"""aerial-ops: land use from aerial images on a rented Spark cluster."""

__version__ = "0.1.0"
