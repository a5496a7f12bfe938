"""The installation itself: whether it is well, and how nothing of it gets lost."""
