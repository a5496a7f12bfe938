import pytest

from services.document_guess import guess

OWN = {"manifest": "Waste manifest", "final_manifest": "Final waste manifest"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("1 Conditional waiver.pdf", "conditional_waiver"),
        ("SC-014_Uncond_Waiver.PDF", "unconditional_waiver"),
        ("SC-014 UnconditionalWaiverFinal.pdf", "unconditional_final_waiver"),
        ("Conditional waiver, final.pdf", "conditional_final_waiver"),
        ("Partial release of lien.pdf", "conditional_waiver"),
        ("Unconditional lien release.pdf", "unconditional_waiver"),
        ("Lien releases final.pdf", "conditional_final_waiver"),
        ("Unconditional waiver TGX-1041.pdf", "unconditional_waiver"),
        ("Waiver of subrogation.pdf", "insurance_certificate"),
        ("COI 2026.pdf", "insurance_certificate"),
        ("acord25.pdf", "insurance_certificate"),
        ("Certificate of insurance.pdf", "insurance_certificate"),
        ("Certified payroll 2026-04-17.pdf", "certified_payroll"),
        ("WH-347 week 12.pdf", "certified_payroll"),
        ("wh347.pdf", "certified_payroll"),
        ("Change order 3 backup.pdf", "change_order_backup"),
        ("PCO-004.pdf", "change_order_backup"),
        ("Stored material 2026-06.pdf", "stored_material"),
        ("Bill of sale.pdf", "stored_material"),
        ("photo3.jpg", "photo"),
        ("Sworn Statement.pdf", "sworn_statement"),
        ("waste_manifest-07.pdf", "manifest"),
        ("Final waste manifest, lien waiver.pdf", "final_manifest"),
    ],
)
def test_a_name_says_what_a_file_is(name, code):
    assert guess(name, OWN) == code


@pytest.mark.parametrize(
    "name",
    [
        "Invoice L-29922 Lakehead Ready-Mix.pdf",
        "Delivery tickets 2026-03.pdf",
        "Coincidence.pdf",
        "Waste of time manifest.pdf",
        "Photovoltaic modules.pdf",
        "Final report.pdf",
        "Release notes.pdf",
        "Factory test certificate.pdf",
        "",
        "…",
    ],
)
def test_a_name_that_says_nothing_is_a_supporting_document(name):
    assert guess(name, OWN) == "backup"
