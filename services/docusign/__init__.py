"""DocuSign behind `services.signing.provider.Provider`.

Plain HTTP instead of the official package: that one adds 57 MB and 580 model classes for the eight
calls made here, and hides what was answered when something is refused.
"""
