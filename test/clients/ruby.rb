# A conversation of Debian's ruby-stomp with a broker; prints what it got. Arguments: port, STOMP version.
require "stomp"
require "timeout"

port, version = ARGV[0].to_i, ARGV[1]
connect = version == "1.0" ? {} : { "accept-version" => version, "host" => "localhost" }
hosts = [{ login: "ada", passcode: "x", host: "127.0.0.1", port: port }]
name = "/queue/ruby-#{version}"

Timeout.timeout(30) do
  client = Stomp::Connection.new(hosts: hosts, connect_headers: connect, reliable: false)
  client.subscribe(name, { "ack" => "client", "receipt" => "subscribed" }, "1")
  puts client.receive.headers["receipt-id"]

  client.publish(name, "grün ✓", "receipt" => "stored", "colour" => "red")
  frames = 2.times.map { client.receive }.to_h { |frame| [frame.command, frame] }
  message = frames["MESSAGE"]
  body = message.body.dup.force_encoding("UTF-8")
  puts "#{frames["RECEIPT"].headers["receipt-id"]} #{body} #{message.headers["colour"]}"

  case version
  when "1.2" then client.ack(message.headers["ack"])
  when "1.1" then client.ack(message.headers["message-id"], "subscription" => "1")
  else client.ack(message.headers["message-id"])
  end

  %w[abort commit].each do |verdict|
    client.begin(verdict)
    client.publish(name, verdict, "transaction" => verdict)
    client.public_send(verdict, verdict)
  end
  puts client.receive.body

  client.disconnect("receipt" => "bye")
  puts client.disconnect_receipt.headers["receipt-id"]
end
