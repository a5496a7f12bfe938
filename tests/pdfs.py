"""Files that subcontractors send, made on the spot: whole, damaged, locked, turned, pictures, and
worse."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from binder.plan import Contract, Document, EntryKind, Invoice, LeftOut, Plan
from binder.recipe import Recipe

pillow_heif.register_heif_opener()


def write_pdf(path, texts=("Invoice",), *, size=(612, 792), rotate=0):
    """A PDF with one page for each text."""
    canvas = Canvas(str(path), pagesize=size, invariant=True)
    for text in texts:
        canvas.drawString(72, size[1] - 72, f"{text} and enough words to be searched for")
        canvas.showPage()
    canvas.save()
    if rotate:
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            for page in pdf.pages:
                page.obj.Rotate = rotate
            pdf.save()
    return path


def write_encrypted(path, *, user):
    with pikepdf.open(write_pdf(path.with_suffix(".plain"))) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(owner="owner", user=user, R=6))
    return path


def write_truncated(path, pages=10):
    """The last tenth is missing, as after a broken upload."""
    whole = write_pdf(path, [f"Page {n}" for n in range(1, pages + 1)]).read_bytes()
    path.write_bytes(whole[: len(whole) * 9 // 10])
    return path


def write_picture(path, kind, *, size=(300, 400), frames=1, dpi=(150, 150), mode="RGB"):
    pictures = [Image.new(mode, size, "gray") for _ in range(frames)]
    rest = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(path, kind, dpi=dpi, **rest)
    return path


def write_form(path, value, *, xfa=None, needs_rendering=False):
    """A form with one filled text field, named Amount in every file."""
    canvas = Canvas(str(path), invariant=True)
    canvas.drawString(72, 700, "Please wait... " if xfa else "A form")
    canvas.acroForm.textfield(name="Amount", value=value, x=72, y=600, width=200, height=20)
    canvas.showPage()
    canvas.save()
    if xfa:
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            pdf.Root.AcroForm.XFA = pdf.make_stream(b"<xdp/>")
            if needs_rendering:
                pdf.Root.NeedsRendering = True
            pdf.save()
    return path


def write_named_link(path, texts):
    """Page 1 links by the name `target` to the last page, the same name in every file."""
    with pikepdf.open(io.BytesIO(write_pdf(path, texts).read_bytes())) as pdf:
        last = pdf.pages[-1].obj
        tree = pikepdf.NameTree.new(pdf)
        tree["target"] = Array([last, Name.Fit])
        pdf.Root.Names = Dictionary(Dests=tree.obj)
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[72, 72, 200, 100],
            A=Dictionary(S=Name.GoTo, D=pikepdf.String("target")),
        )  # fmt: skip
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])
        pdf.save(path)
    return path


def contract(number="SC-001"):
    return Contract(number=number, title="Concrete", company="Acme Concrete, LLC")


def invoice(position=1, of=None):
    return Invoice(
        contract=of or contract(),
        position=position,
        number=f"INV-{position}",
        period="Jul 1 – Jul 31, 2026",
        status="Approved",
        signed="Unsigned",
        gross_this_period=10_000_00,
        total_retainage=1_000_00,
        payment_due=9_000_00,
    )


def document(path, pages, *, of=None, kind=EntryKind.ATTACHMENT, name=None):
    return Document(
        invoice=of or invoice(),
        kind=kind,
        name=name or path.name,
        path=path,
        sha256=sha256(path.read_bytes()).hexdigest(),
        pages=pages,
    )


#: Nothing but the documents, their bookmarks and their stamps.
BARE = replace(Recipe.plain(), stamps=True)


def plan(*documents, left_out=(), recipe=BARE):
    return Plan(
        title="Subcontractor invoice backup",
        project_name="Harbor Tower",
        project_number="24-017",
        number=3,
        requested_by="Dana Reyes",
        requested_at=datetime(2026, 8, 31, 14, 5, 9, tzinfo=UTC),
        documents=tuple(documents),
        left_out=tuple(left_out),
        recipe=recipe,
    )


def left_out(name="broken.pdf", reason="Damaged", of=None):
    return LeftOut(invoice=of or invoice(), name=name, sha256="0" * 64, reason=reason)
