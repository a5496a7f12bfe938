"""What the receipt says of a file besides its numbers."""

from binder.facts import FileFacts


def note_of(facts: FileFacts | None) -> str:
    """Sentences on what intake did to a file; empty where it did nothing worth telling."""
    if facts is None:
        return ""
    sentences = []
    if facts.repaired:
        sentences.append("It was damaged; what could be read was rebuilt.")
    if facts.was_encrypted_with_empty_password:
        sentences.append("It was encrypted without a password.")
    if facts.was_signed:
        sentences.append("It was digitally signed, which only the original can prove.")
    if facts.removed:
        sentences.append(f"Taken out: {', '.join(facts.removed)}.")
    return " ".join([*sentences, *facts.warnings])
