from decimal import Decimal

from services.pictures import BAR_WIDTH, CHART_HEIGHT, Billing, billing_bar, billing_chart


def parts(segments):
    return [(s.kind, s.x, s.width) for s in segments]


def test_the_bar_shows_what_was_done_and_what_was_earned_of_it():
    bar = billing_bar(contract_sum=1000_00, work=500_00, stored=100_00, retainage=60_00)
    assert parts(bar.progress) == [
        ("billed", 0, 500),
        ("stored", 500, 100),
        ("remaining", 600, 400),
    ]
    assert parts(bar.retainage) == [("earned", 0, 540), ("retained", 540, 60)]
    assert [s.percent for s in bar.progress] == [Decimal(50), Decimal(10), Decimal(40)]
    assert bar.limit is None


def test_an_overbilled_contract_marks_where_its_sum_ends():
    bar = billing_bar(contract_sum=800_00, work=1000_00, stored=0, retainage=0)
    assert parts(bar.progress)[0] == ("billed", 0, BAR_WIDTH)
    assert bar.progress[2].amount == -200_00
    assert bar.progress[2].width == 0
    assert bar.limit == 800


def test_nothing_scheduled_is_an_empty_bar():
    bar = billing_bar(contract_sum=0, work=0, stored=0, retainage=0)
    assert {s.width for s in (*bar.progress, *bar.retainage)} == {0}


def test_no_part_leaves_the_bar():
    bar = billing_bar(contract_sum=-50_00, work=99_99, stored=3, retainage=-1_00)
    for segments in (bar.progress, bar.retainage):
        assert all(s.x >= 0 and s.x + s.width <= BAR_WIDTH for s in segments)


def column(this_period, to_date, label="1"):
    return Billing(label, this_period, to_date, f"Invoice {label}")


def test_columns_stand_on_what_was_billed_before():
    chart = billing_chart(1000_00, [column(250_00, 250_00), column(250_00, 500_00)])
    first, second = chart.columns
    assert (first.before_height, first.this_height) == (0, CHART_HEIGHT - first.this_y)
    assert second.before_height == first.this_height
    assert second.this_y + second.this_height == second.before_y
    assert chart.limit_y == 0


def test_a_credit_is_taken_from_the_top():
    chart = billing_chart(1000_00, [column(500_00, 500_00), column(-100_00, 400_00)])
    credit = chart.columns[1]
    assert credit.is_credit
    assert credit.this_y == chart.columns[0].this_y
    assert credit.this_height == CHART_HEIGHT * 10 // 100


def test_many_invoices_make_thin_columns_with_fewer_labels():
    chart = billing_chart(1000_00, [column(1_00, n * 1_00, str(n)) for n in range(1, 81)])
    assert chart.width < 1200
    assert 0 < sum(c.shows_label for c in chart.columns) <= 40
    assert chart.columns[0].shows_label


def test_a_contract_without_invoices_has_an_empty_chart():
    chart = billing_chart(0, [])
    assert chart.columns == ()
    assert chart.limit_y is None
