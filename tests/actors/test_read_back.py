from actors.read_back import READ_BACK_S, ReadBack
from trading.vocabulary import OrderId


ORDER = OrderId("o1")


def test_looks_come_at_longer_and_longer_intervals() -> None:
    read_back = ReadBack()
    assert tuple(read_back.next_delay_s(ORDER) for _ in READ_BACK_S) == READ_BACK_S
    assert read_back.next_delay_s(ORDER) == READ_BACK_S[-1]


def test_no_look_is_put_off_beyond_the_instant_at_which_it_becomes_final() -> None:
    read_back = ReadBack()
    assert read_back.next_delay_s(ORDER, final_in_s=5.0) == 0.2
    assert read_back.next_delay_s(ORDER, final_in_s=0.7) == 0.7
    assert read_back.next_delay_s(ORDER, final_in_s=-1.0) == 2.0
