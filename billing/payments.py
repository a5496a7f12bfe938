"""What of an invoice is paid."""

from enum import StrEnum


class PaymentStatus(StrEnum):
    """By the payments linked to it (docs/domain.md 17)."""

    UNPAID = "unpaid"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"


def payment_status(due: int, paid: int) -> PaymentStatus:
    """`due` is what the invoice asks for, `paid` the sum of the payments linked to it, in cents.

    An invoice that asks for nothing, or gives back, waits for no payment.
    """
    if paid >= due:
        return PaymentStatus.PAID
    return PaymentStatus.PARTIALLY_PAID if paid > 0 else PaymentStatus.UNPAID
