/*-------------------------------------------------------------------------
 *
 * period.c
 *	  Which day, week, month, quarter or year a header means: its first day.
 *
 * A header is a date (a serial number), a year, or text as people write it:
 * 2026-01-05, Jan 2026, Jan-26, W/C 5 Jan, Q1 2026, 2026-W02.  Text that may
 * mean two things gets its meaning from its neighbours, or none: "Jan 26" is
 * a day where its neighbours count other days, and a month where they end in
 * 26 too.  A text without a year takes the one nearest to its neighbours; a
 * whole row without one, the year that brings it nearest to today.  What
 * depends on a country, such as 1/5/2026, is not guessed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "sheet/sheet.h"

#define MAX_TOKENS 8
#define FIRST_YEAR 1900
#define LAST_YEAR 2200
#define FIRST_SERIAL 10000 /* 1927: a smaller number in a header is no date */

typedef enum TokenKind
{
	TOKEN_NUMBER,
	TOKEN_MONTH,
	TOKEN_QUARTER,
	TOKEN_HALF,
	TOKEN_WEEK
} TokenKind;

typedef struct Token
{
	TokenKind kind;
	int value;
	int digits;
	char before; /* what parted it from the one before; ' ' = white space, 0 = nothing */
} Token;

/* A reading of a text: a day, which may lack its year, or a choice of two */
typedef struct Reading
{
	bool known;
	int year;  /* 0 = not said */
	int month; /* ... 0 = a day we know as "julian" */
	int day;   /* of the month; of a choice: that, or a year's two digits */
	bool choice;
	int julian;
} Reading;

static const char *const month_names[] = {
	"january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december"};

static const char *const day_names[] = {
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

/* "2026-01-05" */
char *
mo_sheet_day_text(int julian)
{
	int y, m, d;

	j2date(julian, &y, &m, &d);
	return psprintf("%04d-%02d-%02d", y, m, d);
}

/* Number of the name that starts with the word of three letters or more, or -1. */
static int
find_name(const char *const *names, int n, const char *word)
{
	size_t len = strlen(word);

	for (int i = 0; len >= 3 && i < n; i++)
	{
		if (strncmp(names[i], word, len) == 0)
			return i;
	}
	return strcmp(word, "sept") == 0 && n == 12 ? 8 : -1;
}

static bool
is_one_of(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
	{
		if (strcmp(*list, word) == 0)
			return true;
	}
	return false;
}

/* Words that say that a week starts there, and ordinals */
static const char *const week_starts[] = {
	"of", "commencing", "beginning", "starting", "from", NULL};
static const char *const ordinals[] = {"st", "nd", "rd", "th", NULL};
static const char *const totals[] = {"total", "totals", "subtotal", "sum", "ytd", NULL};

typedef struct Lexer
{
	const char *p;
	char word[16];
	int number;
	int digits;
	char before;
} Lexer;

/* The next word or number; false at the end.  A word too long is cut. */
static bool
lex(Lexer *lexer)
{
	size_t len = 0;

	lexer->before = '\0';
	while (*lexer->p != '\0' && strchr(" \t-/.,'()", *lexer->p) != NULL)
	{
		if (lexer->before == '\0' || lexer->before == ' ')
			lexer->before = strchr("-/'", *lexer->p) != NULL ? *lexer->p : ' ';
		lexer->p++;
	}
	lexer->word[0] = '\0';
	lexer->digits = 0;
	lexer->number = 0;
	if (*lexer->p == '\0')
		return false;
	if (*lexer->p >= '0' && *lexer->p <= '9')
	{
		for (; *lexer->p >= '0' && *lexer->p <= '9'; lexer->p++)
		{
			if (lexer->digits++ < 6)
				lexer->number = lexer->number * 10 + *lexer->p - '0';
		}
		return true;
	}
	for (; *lexer->p != '\0' && strchr(" \t-/.,'()0123456789", *lexer->p) == NULL; lexer->p++)
	{
		if (len < sizeof(lexer->word) - 1)
			lexer->word[len++] = (char) pg_ascii_tolower((unsigned char) *lexer->p);
	}
	lexer->word[len] = '\0';
	return true;
}

/* "w/c", "wc", "week of", "week commencing"; moves past it. */
static bool
skip_week_start(Lexer *lexer)
{
	Lexer next = *lexer;

	if (strcmp(lexer->word, "wc") == 0)
		return true;
	if (strcmp(lexer->word, "w") != 0 && strcmp(lexer->word, "week") != 0 &&
		strcmp(lexer->word, "wk") != 0)
		return false;
	if (!lex(&next))
		return false;
	if (strcmp(lexer->word, "w") == 0 ? strcmp(next.word, "c") != 0
									  : !is_one_of(next.word, week_starts))
		return false;
	*lexer = next;
	return true;
}

/* "q1", "quarter 1", "h2", "w02", "week 2": what the number counts. */
static bool
counted_kind(const char *word, TokenKind *kind, int *max)
{
	if (strcmp(word, "q") == 0 || strcmp(word, "quarter") == 0)
		*kind = TOKEN_QUARTER, *max = 4;
	else if (strcmp(word, "h") == 0)
		*kind = TOKEN_HALF, *max = 2;
	else if (strcmp(word, "w") == 0 || strcmp(word, "wk") == 0 || strcmp(word, "week") == 0)
		*kind = TOKEN_WEEK, *max = 53;
	else
		return false;
	return true;
}

/* Cut a text into what it is made of; -1 when there is something else in it. */
static int
tokenize(const char *text, Token *tokens)
{
	Lexer lexer = {text};
	int n = 0;

	while (lex(&lexer))
	{
		Token *t = &tokens[n];
		int max;

		if (n == MAX_TOKENS)
			return -1;
		t->before = lexer.before;
		t->value = lexer.number;
		t->digits = lexer.digits;
		t->kind = TOKEN_NUMBER;
		if (lexer.digits == 0)
		{
			int month = find_name(month_names, 12, lexer.word);

			if (skip_week_start(&lexer) || find_name(day_names, 7, lexer.word) >= 0)
				continue;
			if (n > 0 && tokens[n - 1].kind == TOKEN_NUMBER && lexer.before == '\0' &&
				is_one_of(lexer.word, ordinals))
				continue;
			if (month >= 0)
			{
				t->kind = TOKEN_MONTH;
				t->value = month + 1;
			}
			else if (!counted_kind(lexer.word, &t->kind, &max) || !lex(&lexer) ||
					 lexer.digits == 0 || lexer.number < 1 || lexer.number > max)
				return -1;
			else
				t->value = lexer.number;
		}
		n++;
	}
	return n;
}

static bool
is_year(const Token *t)
{
	return t->kind == TOKEN_NUMBER &&
		   (t->digits == 2 || (t->digits == 4 && t->value >= FIRST_YEAR && t->value <= LAST_YEAR));
}

static int
year_of(const Token *t)
{
	return t->digits == 2 ? 2000 + t->value : t->value;
}

static bool
is_long_year(const Token *t)
{
	return is_year(t) && t->digits == 4;
}

static bool
is_day(const Token *t)
{
	return t->kind == TOKEN_NUMBER && t->digits <= 2 && t->value >= 1 && t->value <= 31;
}

static Reading
reading(int year, int month, int day)
{
	Reading r = {true, year, month, day, false, 0};

	/* a day the month does not have; 2024 for a year unsaid: it has a 29 February */
	r.known = month >= 1 && month <= 12 && day >= 1 &&
			  day <= day_tab[isleap(year ? year : 2024)][month - 1];
	return r;
}

/* First month of the part of a year that a token counts, 0 = it is none. */
static int
part_month(const Token *t)
{
	if (t->kind == TOKEN_MONTH)
		return t->value;
	if (t->kind == TOKEN_QUARTER)
		return t->value * 3 - 2;
	return t->kind == TOKEN_HALF ? t->value * 6 - 5 : 0;
}

/* The Monday of an ISO week. */
static Reading
week_reading(int year, int week)
{
	Reading r = {true, year, 0, 0, false, isoweek2j(year, week)};

	return r;
}

static Reading
read_two(const Token *t)
{
	Reading none = {0};

	if (t[0].kind == TOKEN_WEEK && is_year(&t[1]))
		return week_reading(year_of(&t[1]), t[0].value);
	if (t[1].kind == TOKEN_WEEK && is_long_year(&t[0]))
		return week_reading(t[0].value, t[1].value);
	if (is_long_year(&t[0]) && part_month(&t[1]) > 0)
		return reading(t[0].value, part_month(&t[1]), 1);
	if (part_month(&t[0]) > 0 && is_long_year(&t[1]))
		return reading(t[1].value, part_month(&t[0]), 1);
	if (is_long_year(&t[0]) && is_day(&t[1]) && strchr("-/", t[1].before) != NULL && t[1].before)
		return reading(t[0].value, t[1].value, 1);
	if (t[0].kind == TOKEN_MONTH && is_day(&t[1]) && t[1].digits == 2 && t[1].before == ' ')
	{
		Reading r = reading(0, t[0].value, t[1].value);

		r.choice = r.known;
		return r.known ? r : reading(year_of(&t[1]), t[0].value, 1);
	}
	if (part_month(&t[0]) > 0 && is_year(&t[1]))
		return reading(year_of(&t[1]), part_month(&t[0]), 1);
	if (t[0].kind == TOKEN_MONTH && is_day(&t[1]))
		return reading(0, t[0].value, t[1].value);
	if (is_day(&t[0]) && t[1].kind == TOKEN_MONTH)
		return reading(0, t[1].value, t[0].value);
	return none;
}

static Reading
read_text(const char *text)
{
	Token t[MAX_TOKENS + 1];
	Reading none = {0};

	switch (tokenize(text, t))
	{
		case 1:
			if (is_long_year(&t[0]))
				return reading(t[0].value, 1, 1);
			return part_month(&t[0]) > 0 ? reading(0, part_month(&t[0]), 1) : none;
		case 2:
			return read_two(t);
		case 3:
			if (is_long_year(&t[0]) && is_day(&t[1]) && is_day(&t[2]))
				return reading(t[0].value, t[1].value, t[2].value);
			if (is_day(&t[0]) && t[1].kind == TOKEN_MONTH && is_year(&t[2]))
				return reading(year_of(&t[2]), t[1].value, t[0].value);
			if (t[0].kind == TOKEN_MONTH && is_day(&t[1]) && is_long_year(&t[2]))
				return reading(t[2].value, t[0].value, t[1].value);
			return none;
		default:
			return none;
	}
}

static bool
is_total(const char *text)
{
	Lexer lexer = {text};

	while (lex(&lexer))
	{
		if (is_one_of(lexer.word, totals))
			return true;
	}
	return false;
}

/* The day in the given year; 29 February moves to the 28th where there is none. */
static int
julian_in(const Reading *r, int year)
{
	return date2j(year, r->month, Min(r->day, day_tab[isleap(year)][r->month - 1]));
}

static int
nearest(const Reading *r, int anchor)
{
	int y, m, d;
	int best = 0;

	j2date(anchor, &y, &m, &d);
	for (int year = y - 1; year <= y + 1; year++)
	{
		int julian = julian_in(r, year);

		if (best == 0 || abs(julian - anchor) < abs(best - anchor))
			best = julian;
	}
	return best;
}

/*
 * "Jan 26": a month of 2026 if all such texts end in the same number, though
 * their months differ; a day if they do not; unknown if there is but one.
 */
static void
settle_choices(Reading *readings, int n)
{
	int day = 0;
	int month = 0;
	bool days_differ = false;
	bool months_differ = false;

	for (int i = 0; i < n; i++)
	{
		if (!readings[i].choice)
			continue;
		days_differ = days_differ || (day != 0 && readings[i].day != day);
		months_differ = months_differ || (month != 0 && readings[i].month != month);
		day = readings[i].day;
		month = readings[i].month;
	}
	/* "Jan 5" among them, of one digit, is a day beyond doubt */
	for (int i = 0; i < n; i++)
		days_differ = days_differ || (readings[i].known && !readings[i].choice &&
									  readings[i].year == 0 && readings[i].day > 1);
	for (int i = 0; i < n; i++)
	{
		Reading *r = &readings[i];

		if (!r->choice)
			continue;
		r->choice = false;
		if (days_differ)
			continue;
		if (months_differ)
			*r = reading(2000 + r->day, r->month, 1);
		else
			r->known = false;
	}
}

/*
 * Years for a row where none is said: those that follow from left to right
 * and bring the row's span over today, or nearest to it.
 */
static void
settle_row(Reading *readings, int n)
{
	int today = GetSQLCurrentDate() + POSTGRES_EPOCH_JDATE;
	int y, m, d;
	int best_distance = -1;
	int best_year = 0;

	j2date(today, &y, &m, &d);
	for (int year = y - 1; year <= y + 1; year++)
	{
		int first = 0;
		int last = 0;
		int step = 7; /* the last period is taken to be as long as the one before */
		int distance;

		for (int i = 0; i < n; i++)
		{
			int before = last;

			if (!readings[i].known)
				continue;
			last = first == 0 ? julian_in(&readings[i], year) : nearest(&readings[i], last);
			step = first == 0 ? step : abs(last - before);
			first = first == 0 ? last : first;
		}
		last += step - 1;
		distance = today < first ? first - today : (today > last ? today - last : 0);
		if (best_distance < 0 || distance < best_distance)
		{
			best_distance = distance;
			best_year = year;
		}
	}
	for (int i = 0; i < n; i++)
	{
		if (readings[i].known)
		{
			readings[i].year = best_year;
			readings[i].julian = julian_in(&readings[i], best_year);
			break;
		}
	}
}

/* The first of the readings whose day is settled, or n. */
static int
first_settled(const Reading *readings, int n)
{
	int i = 0;

	while (i < n && readings[i].julian == 0)
		i++;
	return i;
}

static void
settle_one(Reading *r, int *anchor)
{
	if (r->known && r->julian == 0)
		r->julian = nearest(r, *anchor);
	if (r->julian != 0)
		*anchor = r->julian;
}

/* Give each text without a year the year of its neighbours, from the first that has one. */
static void
settle_years(Reading *readings, int n)
{
	int first;
	int anchor;

	for (int i = 0; i < n; i++)
	{
		Reading *r = &readings[i];

		if (r->known && r->julian == 0 && r->year != 0)
			r->julian = julian_in(r, r->year);
	}
	if (first_settled(readings, n) == n)
		settle_row(readings, n);
	first = first_settled(readings, n);
	if (first == n)
		return;
	anchor = readings[first].julian;
	for (int i = first - 1; i >= 0; i--)
		settle_one(&readings[i], &anchor);
	anchor = readings[first].julian;
	for (int i = first + 1; i < n; i++)
		settle_one(&readings[i], &anchor);
}

/*
 * What the cells of a header, or one cell alone, say of periods.  Numbers are
 * dates or years; see above for texts.
 */
void
mo_sheet_periods(JsonValue *const *cells, int n, SheetPeriod *periods)
{
	Reading *readings = palloc0(sizeof(Reading) * Max(n, 1));

	memset(periods, 0, sizeof(SheetPeriod) * n);
	for (int i = 0; i < n; i++)
	{
		Reading *r = &readings[i];
		double number;

		periods[i].label = mo_sheet_cell_text(cells[i]);
		if (periods[i].label == NULL)
			continue;
		if (!mo_cell_number(cells[i], &number))
		{
			periods[i].is_total = is_total(periods[i].label);
			if (!periods[i].is_total && mo_json_is_string(cells[i]))
				*r = read_text(periods[i].label);
		}
		else if (number >= FIRST_YEAR && number <= LAST_YEAR && number == rint(number))
			*r = reading((int) number, 1, 1);
		else if (number >= FIRST_SERIAL && mo_cell_day(number, &r->julian))
		{
			r->known = true;
			periods[i].label = mo_sheet_day_text(r->julian);
		}
	}
	settle_choices(readings, n);
	settle_years(readings, n);
	for (int i = 0; i < n; i++)
		periods[i].julian = readings[i].known ? readings[i].julian : 0;
	pfree(readings);
}
