"""The requests and responses of the HTTP service: what is validated, and what `/openapi.json` says."""
