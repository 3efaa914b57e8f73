from serving.engines.remote.circuit_breaker import CircuitBreaker


def test_it_opens_after_failures_in_a_row_and_lets_one_try_later() -> None:
    now = 0.0
    breaker = CircuitBreaker(failures=2, seconds=10.0, clock=lambda: now)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allows()  # never two in a row
    breaker.failed()
    assert not breaker.allows()
    now = 10.0
    assert breaker.allows() and not breaker.allows()  # one alone
    breaker.failed()
    now = 19.0
    assert not breaker.allows()
    now = 20.0
    assert breaker.allows()
    breaker.succeeded()
    assert breaker.allows() and breaker.allows()


def test_one_whose_trial_was_never_told_of_tries_again() -> None:
    now = 0.0
    breaker = CircuitBreaker(failures=1, seconds=10.0, clock=lambda: now)
    breaker.failed()
    now = 10.0
    assert breaker.allows()
    now = 20.0
    assert breaker.allows()
