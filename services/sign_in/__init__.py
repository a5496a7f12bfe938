"""Signing in: sessions, second factors, providers."""
