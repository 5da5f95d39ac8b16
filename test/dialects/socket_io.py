"""A conversation of Debian's python3-socketio with a server; prints what it heard. Arguments: URL, token, transport, id of a conversation, troubles."""

import asyncio
import sys

import socketio

url, token, transport, conversation, *troubles = sys.argv[1:]


async def main():
    client = socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=0.2)
    refused = socketio.AsyncClient(reconnection=False)
    heard = asyncio.Queue()

    @refused.event
    def connect_error(why):
        print("refused", why["message"], flush=True)

    @client.event
    def connect():
        print("connected", client.transport(), flush=True)

    @client.event
    def disconnect():
        print("disconnected", flush=True)

    @client.on("new-message")
    async def new_message(data):
        await heard.put(data["message"]["text"])

    async def say(**message):
        return await client.call("send-message", {"conversationId": int(conversation), **message})

    transports = ["polling", "websocket"] if transport == "upgrade" else [transport]
    try:
        await refused.connect(url, auth={"token": "bad"}, transports=transports)
    except socketio.exceptions.ConnectionError:
        pass

    await client.connect(url, auth={"token": token}, transports=transports)
    print("said", await say(text="grün ✓", clientId=f"of {transport}"), flush=True)
    print("heard", await heard.get(), flush=True)
    print("again", await say(text="grün ✓", clientId=f"of {transport}"), flush=True)
    answer = await say(text="")
    print("empty", answer["ok"], answer["error"]["code"], flush=True)
    answer = await client.call("dance")
    print("unknown", answer["ok"], answer["error"]["code"], flush=True)

    # What it asks for happens, and then somebody says something.
    for trouble in troubles:
        print(trouble, flush=True)
        print("heard", await heard.get(), flush=True)
    await client.disconnect()


asyncio.run(main())
