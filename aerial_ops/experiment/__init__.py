"""The whole lifecycle as one command, described by a TOML file."""
