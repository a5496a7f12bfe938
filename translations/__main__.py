"""`make messages`."""

from translations import catalogues, extracted, update

if __name__ == "__main__":
    source = extracted()
    for path in catalogues():
        update(path, source)
