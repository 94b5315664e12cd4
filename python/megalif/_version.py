"""The version, which the Makefile sets and `make lint` compares."""
version = "0.1.0"
