"""What the file says of itself: title, author, dates (of the request, never of the clock),
language."""

from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from binder.pdf_text import date_string, text_string

PRODUCER = "Drawpack"

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{date}</xmp:CreateDate>
<xmp:ModifyDate>{date}</xmp:ModifyDate>
<xmp:CreatorTool>{producer}</xmp:CreatorTool>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Title, author, subject, language (such as `en-US`) and the aware time of the request."""

    title: str
    author: str
    subject: str
    language: str
    at: datetime

    def info(self) -> bytes:
        """The document information dictionary."""
        at = date_string(self.at)
        texts = {
            b"Title": self.title,
            b"Author": self.author,
            b"Subject": self.subject,
            b"Creator": PRODUCER,
            b"Producer": PRODUCER,
        }
        entries = b"".join(b"/%s%s" % (key, text_string(text)) for key, text in texts.items())
        return b"<<%s/CreationDate%s/ModDate%s>>" % (entries, at, at)

    def xmp(self) -> bytes:
        """The same as an XMP packet."""
        texts = {
            "title": self.title,
            "author": self.author,
            "subject": self.subject,
            "language": self.language,
            "date": self.at.isoformat(timespec="seconds"),
            "producer": PRODUCER,
        }
        return _XMP.format_map({key: escape(_xml(text)) for key, text in texts.items()}).encode()


def _xml(text: str) -> str:
    """Without the characters that XML cannot carry."""
    return "".join(char for char in text if char.isprintable())
