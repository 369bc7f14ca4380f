"""Models that can be asked: the protocol, OpenAI-compatible endpoints, and the local model with its shared server."""
