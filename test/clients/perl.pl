# A conversation of Debian's libnet-stomp-perl with a broker; prints what it got. Arguments: port, STOMP version.
use strict;
use warnings;
use Net::Stomp;

my ($port, $version) = @ARGV;
my $name = "/queue/perl-$version";
my $client = Net::Stomp->new({ hostname => '127.0.0.1', port => $port, logger => Silence->new });
my %negotiation = $version eq '1.0' ? () : ('accept-version' => $version, host => 'localhost');
$client->connect({ login => 'ada', passcode => 'x', %negotiation });

$client->subscribe({ destination => $name, id => '1', ack => 'client', receipt => 'subscribed' });
print $client->receive_frame({ timeout => 10 })->headers->{'receipt-id'}, "\n";

$client->send({ destination => $name, body => "gr\xc3\xbcn \xe2\x9c\x93", colour => 'red', receipt => 'stored' });
my %frames = map { $_->command => $_ } map { $client->receive_frame({ timeout => 10 }) } 1 .. 2;
my $message = $frames{MESSAGE};
print join(' ', $frames{RECEIPT}->headers->{'receipt-id'}, $message->body, $message->headers->{colour}), "\n";

# It always names a message as 1.0 does; the header of 1.2 has to be added.
my %ack = $version eq '1.2' ? (id => $message->headers->{ack}) : (subscription => '1');
$client->ack({ frame => $message, %ack });

for my $verdict (qw(ABORT COMMIT)) {
    $client->send_frame(Net::Stomp::Frame->new({ command => 'BEGIN', headers => { transaction => $verdict } }));
    $client->send({ destination => $name, body => lc $verdict, transaction => $verdict });
    $client->send_frame(Net::Stomp::Frame->new({ command => $verdict, headers => { transaction => $verdict } }));
}
print $client->receive_frame({ timeout => 10 })->body, "\n";

# It begins, sends with a receipt, and commits when that has come, else aborts.
my $isSent = $client->send_transactional({ destination => "$name-held", body => 'held', timeout => 10 });
print $isSent ? 'sent' : 'not sent', " in a transaction\n";

# What it has in hand when the server is restarted comes again: it connects and subscribes anew by itself.
$| = 1;
print "restart\n";
<STDIN>;
my $again;
do { $again = $client->receive_frame({ timeout => 10 }) } until $again && $again->command eq 'MESSAGE';
print join(' ', $again->body, 'redelivered', $again->headers->{redelivered}), "\n";

$client->send_frame(Net::Stomp::Frame->new({ command => 'DISCONNECT', headers => { receipt => 'bye' } }));
print $client->receive_frame({ timeout => 10 })->headers->{'receipt-id'}, "\n";

package Silence;
sub new { bless {}, shift }
our $AUTOLOAD;
sub AUTOLOAD { }
