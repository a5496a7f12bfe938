"""Words too small and too light to see, by which a signing service finds the blanks to fill.

They stand only in the drawing that is sent, never in one that goes into a backup.
"""

SIGNATURE = "/dp-signature/"
NAME = "/dp-name/"
TITLE = "/dp-title/"
DATE = "/dp-date/"

#: By the name of the blank in the block of the company that bills.
OF_BLANKS = {"Signature": SIGNATURE, "Name": NAME, "Title": TITLE, "Date": DATE}
