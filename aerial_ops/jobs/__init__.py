"""Spark jobs: package, submit, follow, collect."""
