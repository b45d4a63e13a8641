# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The end of one direction never cuts the other, and no byte is lost: two straits, which agree on `strait-half-close`.

Also with proxies in between, which know nothing of it.
"""

import pytest

from chains import CLIENTS, VIA, make_chain
from streams import connect
from waiting import MIB, Background, payload, same_bytes


@pytest.fixture(params=VIA)
def via(request):
    return request.param


@pytest.fixture(params=CLIENTS)
def chain(request, strait, programs, certs, service, via):
    made = make_chain(strait, programs, certs, service, via, request.param)
    yield made


def test_service_answers_only_after_the_clients_end(chain):
    question, answer = payload(5 * MIB, 1), payload(5 * MIB, 2)
    with chain.client.post(question, then=chain.client.end):
        same_bytes(chain.service.read_to_end(), question, "at the service")
    assert chain.client.is_idle(), "the client sees an end or bytes before the service says anything"
    with chain.service.post(answer, then=chain.service.end):
        same_bytes(chain.client.read_to_end(), answer, "at the client")
    chain.finish()


def test_client_goes_on_after_the_services_end(chain):
    greeting, upload = payload(5 * MIB, 3), payload(5 * MIB, 4)
    with chain.service.post(greeting, then=chain.service.end):
        same_bytes(chain.client.read_to_end(), greeting, "at the client")
    assert chain.service.is_idle(), "the service sees an end or bytes before the client says anything"
    with chain.client.post(upload, then=chain.client.end):
        same_bytes(chain.service.read_to_end(), upload, "at the service")
    chain.finish()


@pytest.mark.parametrize("up,down", [(24, 24), (24, 2), (2, 24)], ids=lambda size: f"{size}MiB")
def test_both_directions_are_busy_and_end_on_their_own(chain, up, down):
    upload, download = payload(up * MIB, 5), payload(down * MIB, 6)
    with chain.client.post(upload, then=chain.client.end), chain.service.post(download, then=chain.service.end):
        at_service = Background(chain.service.read_to_end)
        same_bytes(chain.client.read_to_end(), download, "at the client")
        same_bytes(at_service.result(), upload, "at the service")
    chain.finish()


@pytest.mark.parametrize("via", ["direct"])
def test_service_acknowledges_each_piece_of_an_upload(chain):
    upload = payload(5 * MIB, 7)

    def acknowledge():
        received = []
        while piece := chain.service.read_some():
            received.append(piece)
            chain.service.send(b".")
        chain.service.end()
        return b"".join(received)

    service = Background(acknowledge)
    with chain.client.post(upload, then=chain.client.end):
        acknowledgements = chain.client.read_to_end()
    same_bytes(service.result(), upload, "at the service")
    assert set(acknowledgements) == set(b".")
    chain.finish()


@pytest.mark.parametrize("via", ["direct", "tls"])
def test_service_closes_while_the_client_has_read_nothing(chain):
    """More than the sockets between hold, so most of it is still on its way when the service is gone."""
    download = payload(20 * MIB, 8)
    service = chain.service.post(download, then=chain.service.close)
    same_bytes(chain.client.read_exactly(1), download[:1])
    same_bytes(chain.client.read_to_end(), download[1:], "at the client")
    service.result()
    chain.client.end()
    chain.finish()


@pytest.mark.parametrize("via", ["direct"])
def test_empty_directions(chain):
    chain.client.end()
    assert chain.service.read_to_end() == b""
    chain.service.end()
    assert chain.client.read_to_end() == b""
    chain.finish()


@pytest.mark.parametrize("order", ["client first", "service first", "at once"])
def test_many_short_links(strait, service, order):
    """Ends that come close together, where a race would lose the tail of one in a few."""
    listener = strait("ws-listen:0", service.address)
    dialer = strait("tcp-listen:0", listener.url)
    for size in [0, 1, 65535, 65536, 65537, 200_000] * 10:
        client, behind = connect(("127.0.0.1", dialer.port)), service.accept()
        up, down = payload(size, 9), payload(size, 10)
        if order == "client first":
            with client.post(up, then=client.end):
                same_bytes(behind.read_to_end(), up)
            with behind.post(down, then=behind.end):
                same_bytes(client.read_to_end(), down)
        elif order == "service first":
            with behind.post(down, then=behind.end):
                same_bytes(client.read_to_end(), down)
            with client.post(up, then=client.end):
                same_bytes(behind.read_to_end(), up)
        else:
            with client.post(up, then=client.end), behind.post(down, then=behind.end):
                at_service = Background(behind.read_to_end)
                same_bytes(client.read_to_end(), down)
                same_bytes(at_service.result(), up)
        client.close()
        behind.close()
    assert not dialer.lines and not listener.lines, dialer.lines + listener.lines
