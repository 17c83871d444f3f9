# Twelve thousand visits to a shop, a year of them: conversion by month, and
# whether it moved because other visitors came or because they bought more.
# Kinds of visitors, new or returning by source of traffic, come and go.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Momentum;
use Test::More;

my $folder = "$ENV{MOMENTUM_DATA}/online-shoppers";
my $file = "$folder/online_shoppers_intention_recoded.csv.gz";
plan skip_all => "no visits at $file (MOMENTUM_DATA)" unless -f $file;

my $expected = decode_json(run_reference('visits', $folder));
my $node = new_server('real_visits');
my $columns = join ', ', map { "a$_ numeric" } 1 .. 10;
$node->safe_psql('postgres', qq{
	CREATE EXTENSION momentum;
	CREATE TABLE visit ($columns, month int, a11 int, a12 int, a13 int, traffic int, is_returning int, is_weekend int, bought int);
	COPY visit FROM PROGRAM 'zcat $file' CSV HEADER;
	CREATE VIEW kind AS SELECT month, is_returning, traffic, count(*)::float8 AS sessions, avg(bought)::float8 AS rate FROM visit GROUP BY 1, 2, 3;
});

my @months = sort { $a <=> $b } keys %$expected;
note('month  sessions  orders  conversion    change  =  other visitors  +  other rates');
my $before;
for my $month (@months)
{
	my $e = $expected->{$month};
	my ($sessions, $orders, $rate) = split /\|/,
	  $node->safe_psql('postgres', "SELECT count(*), sum(bought), avg(bought)::float8 FROM visit WHERE month = $month");
	is("$sessions $orders", "$e->{sessions} $e->{orders}", "month $month: visits and orders");
	if (defined $before)
	{
		my ($mix, $own, $kinds) = split /\|/, $node->safe_psql('postgres', qq{
			SELECT sum(mix), sum(rate), count(*)
			  FROM (SELECT array_agg(coalesce(a.sessions, 0)) AS s0, array_agg(a.rate) AS r0,
						   array_agg(coalesce(b.sessions, 0)) AS s1, array_agg(b.rate) AS r1
					  FROM (SELECT * FROM kind WHERE month = $before) a
					  FULL JOIN (SELECT * FROM kind WHERE month = $month) b USING (is_returning, traffic)) k,
				   momentum.mix_rate(s0, r0, s1, r1)});
		my $change = $e->{rate} - $expected->{$before}{rate};
		note(sprintf('%5d  %8d  %6d  %9.2f %%  %+8.4f  =  %+14.4f  +  %+11.4f  (%d kinds)',
				$month, $sessions, $orders, 100 * $rate, $change, $mix, $own, $kinds));
		ok(abs($mix + $own - $change) < 1e-12, "month $month: mix and rates are the change");
		ok(abs($mix - $e->{mix}) < 1e-12 && abs($own - $e->{change_of_rates}) < 1e-12, "month $month: as computed in fractions");
	}
	else
	{
		note(sprintf('%5d  %8d  %6d  %9.2f %%', $month, $sessions, $orders, 100 * $rate));
	}
	$before = $month;
}
is(scalar(@months), 10, 'ten months: January and April are missing');
$node->stop;
done_testing();
