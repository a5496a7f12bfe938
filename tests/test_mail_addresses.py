import pytest

from services.mail_addresses import AddressRefused, parse


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" Lender@Bank.Example ", "lender@bank.example"),
        ("o'brien+draws@pay.example.co", "o'brien+draws@pay.example.co"),
        ("root@localhost", "root@localhost"),
        ("bob@Mu\u0308ller.example", "bob@müller.example"),
    ],
)
def test_an_address_is_kept_in_small_letters(text, kept):
    assert parse(text) == kept


@pytest.mark.parametrize(
    "text",
    ["", "x", "lender@bank", "a@b@c.d", "a b@c.example", "a@b.example\nBcc: c@d.example",
     "<a@b.example>", "a,b@c.d", "a@b.c,d@e.f", '"a b"@c.d', "a@b..d", "a@b.d.", "a@-b.example",
     "a@b_c.d", "é@b.example", "a\ud800@b.example", "a\u202e@b.example", "a@b\u202e.example",
     f"{'a' * 250}@b.example", f"a@{'b' * 64}.example"],
)  # fmt: skip
def test_what_no_mail_server_or_only_a_quoting_one_takes_is_none(text):
    with pytest.raises(AddressRefused, match=r"^“.*” is not an e-mail address\.$") as refused:
        parse(text)
    assert str(refused.value).isprintable()
