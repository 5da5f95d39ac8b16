"""A conversation of Debian's python3-stomp with a broker; prints what it got. Arguments: port, STOMP version."""

import queue
import sys

import stomp

port, version = int(sys.argv[1]), sys.argv[2]
connection_of = {"1.0": stomp.Connection10, "1.1": stomp.Connection11, "1.2": stomp.Connection12}
inbox = queue.Queue()


class Listener(stomp.ConnectionListener):
    def on_message(self, frame):
        inbox.put(frame)

    def on_receipt(self, frame):
        inbox.put(frame)

    def on_error(self, frame):
        inbox.put(frame)


def expect(command):
    frame = inbox.get(timeout=10)
    assert frame.cmd == command, (frame.cmd, frame.headers, frame.body)
    return frame


beats = {} if version == "1.0" else {"heartbeats": (4000, 4000)}
client = connection_of[version]([("127.0.0.1", port)], **beats)
client.set_listener("", Listener())
client.connect("ada", "x", wait=True)
queue_name = "/queue/python-" + version

client.subscribe(queue_name, id="1", ack="client", headers={"receipt": "subscribed"})
print(expect("RECEIPT").headers["receipt-id"])

client.send(queue_name, "grün ✓", headers={"receipt": "stored", "colour": "red"})
frames = {frame.cmd: frame for frame in (inbox.get(timeout=10), inbox.get(timeout=10))}
message = frames["MESSAGE"]
print(frames["RECEIPT"].headers["receipt-id"], message.body, message.headers["colour"])

if version == "1.2":
    client.ack(message.headers["ack"])
elif version == "1.1":
    client.ack(message.headers["message-id"], "1")
else:
    client.ack(message.headers["message-id"])

for verdict in ("abort", "commit"):
    transaction = client.begin()
    client.send(queue_name, verdict, transaction=transaction)
    getattr(client, verdict)(transaction)
print(expect("MESSAGE").body)

client.disconnect(receipt="bye")
print("bye")
