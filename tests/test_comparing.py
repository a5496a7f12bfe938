"""Two backups compared by their manifests."""

from functools import partial

import pytest

from services.backups.comparing import Mark, compare


def entry(name="a.pdf", sha256="1", *, contract="SC-1", position=1, kind="attachment", **values):
    values = {"pages": 1, "first_page": 1} | values
    named = {"contract": contract, "position": position, "kind": kind, "name": name}
    return {**named, "sha256": sha256, **values}


def manifest(*entries, invoices=(), left_out=(), **values):
    found = {"entries": list(entries), "invoices": list(invoices), "left_out": list(left_out)}
    return found | {"pages": sum(row["pages"] for row in entries)} | values


def due(amount, *, contract="SC-1", position=1):
    named = {"contract": contract, "position": position, "company": "Acme"}
    return named | {"payment_due": amount}


def marks(comparison):
    return [(row.mark, row.name) for invoice in comparison.invoices for row in invoice.rows]


def test_a_manifest_and_itself_are_the_same():
    one = manifest(entry(), entry("b.pdf", "2", first_page=2), invoices=[due("1.00")])
    found = compare(one, one)
    assert found.is_same
    assert found.invoices == ()
    assert (found.unchanged, found.moved, found.same) == (2, 0, 2)


def test_new_changed_and_removed_documents_are_told_with_their_pages():
    old = manifest(entry("a.pdf", "1", pages=2), entry("b.pdf", "2", pages=3), entry("c.pdf", "3"))
    new = manifest(entry("a.pdf", "9", pages=4), entry("d.pdf", "4", pages=5), entry("c.pdf", "3"))
    found = compare(old, new)
    [invoice] = found.invoices
    assert [(row.mark, row.name, row.old_pages, row.new_pages) for row in invoice.rows] == [
        ("changed", "a.pdf", 2, 4),
        ("new", "d.pdf", None, 5),
        ("removed", "b.pdf", 3, None),
    ]
    assert [found.count(mark) for mark in Mark] == [1, 1, 1]
    assert (found.unchanged, found.old_pages, found.new_pages) == (1, 6, 10)
    assert not found.is_same


def test_another_release_that_draws_the_same_changes_nothing():
    drawn = partial(entry, "Invoice", kind="invoice")
    old = manifest(drawn(sha256="1", shows="this"), drawn(sha256="2", shows="that", position=2))
    new = manifest(drawn(sha256="3", shows="this"), drawn(sha256="4", shows="more", position=2))
    assert [row.position for row in compare(old, new).invoices] == [2]
    assert compare(old, manifest(drawn(sha256="3"))).same == 0


@pytest.mark.parametrize(
    "other",
    [{"contract": "SC-2"}, {"position": 2}, {"kind": "signed"}, {"name": "b.pdf"}],
)
def test_the_same_bytes_elsewhere_are_removed_here_and_new_there(other):
    found = compare(manifest(entry()), manifest(entry(**other)))
    assert sorted(mark for mark, _ in marks(found)) == ["new", "removed"]
    assert found.same == 0


def test_files_of_one_name_are_told_apart_by_their_bytes_first():
    old = manifest(entry("slip.pdf", "1"), entry("slip.pdf", "2"), entry("slip.pdf", "3"))
    new = manifest(entry("slip.pdf", "3"), entry("slip.pdf", "1"), entry("slip.pdf", "9"))
    found = compare(old, new)
    assert marks(found) == [("changed", "slip.pdf")]
    assert found.same == 2


def test_the_same_file_twice_and_then_once_is_one_removed():
    found = compare(manifest(entry(), entry(first_page=2)), manifest(entry()))
    assert marks(found) == [("removed", "a.pdf")]
    assert found.unchanged == 1


def test_a_document_on_another_page_or_in_another_volume_is_moved():
    old = manifest(entry("a.pdf", first_page=2), entry("b.pdf", first_page=3), entry("c.pdf"))
    new = manifest(
        entry("a.pdf", first_page=7), entry("b.pdf", first_page=3, volume=2), entry("c.pdf")
    )
    found = compare(old, new)
    assert (found.moved, found.unchanged, found.invoices) == (2, 1, ())


def test_a_drawn_invoice_is_one_document_whatever_it_is_called():
    old = manifest(entry("Subcontractor invoice", "1", kind="invoice"))
    assert compare(old, manifest(entry("Claim", "1", kind="invoice"))).is_same
    again = compare(old, manifest(entry("Claim", "2", kind="invoice")))
    assert marks(again) == [("changed", "Claim")]


def test_a_removed_file_that_was_left_out_says_why():
    out = {"contract": "SC-1", "position": 1, "name": "a.pdf", "reason": "Only photographs."}
    new = manifest(entry("b.pdf"), left_out=[out])
    [invoice] = compare(manifest(entry("a.pdf"), entry("b.pdf")), new).invoices
    assert [row.reason for row in invoice.rows] == ["Only photographs."]


def test_contracts_are_in_natural_order_and_invoices_by_position():
    new = manifest(
        entry(contract="SC-10"), entry(contract="sc-2", position=2), entry(contract="sc-2")
    )
    found = compare(manifest(), new)
    assert [(row.contract, row.position) for row in found.invoices] == [
        ("sc-2", 1),
        ("sc-2", 2),
        ("SC-10", 1),
    ]
    assert all(invoice.in_new and not invoice.in_old for invoice in found.invoices)


def test_a_changed_payment_due_is_told_in_cents_even_where_no_document_changed():
    old = manifest(entry(kind="signed"), invoices=[due("1200.50")])
    new = manifest(entry(kind="signed"), invoices=[due("-3.00")])
    found = compare(old, new)
    [invoice] = found.invoices
    assert (invoice.old_due, invoice.new_due, invoice.rows) == (120050, -300, ())
    assert invoice.is_due_changed
    assert invoice.company == "Acme"
    assert found.is_same


def test_a_manifest_without_invoices_tells_no_amounts():
    old = manifest(entry())
    del old["invoices"], old["left_out"]
    [invoice] = compare(old, manifest(entry(sha256="2"), invoices=[due("5.00")])).invoices
    assert (invoice.old_due, invoice.new_due, invoice.is_due_changed) == (None, 500, False)
