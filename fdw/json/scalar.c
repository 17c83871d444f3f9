/*-------------------------------------------------------------------------
 *
 * scalar.c
 *	  The grammar of numbers, true, false and null, a byte at a time.
 *
 * json-c takes more for a number than JSON does: NaN, Infinity, "1." and
 * "01".  A NaN among amounts would make every sum one, so the splitter looks
 * for itself, in records and outside of them.
 *
 *-------------------------------------------------------------------------
 */
#include "json/split.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The first byte; false if no scalar begins with it. */
bool
mo_json_scalar_begin(JsonSplit *s, char c)
{
	s->scalar = SCALAR_WORD;
	switch (c)
	{
		case 't':
			s->word = "rue";
			return true;
		case 'f':
			s->word = "alse";
			return true;
		case 'n':
			s->word = "ull";
			return true;
		case '-':
			s->scalar = SCALAR_MINUS;
			return true;
		case '0':
			s->scalar = SCALAR_ZERO;
			return true;
		default:
			s->scalar = SCALAR_INTEGER;
			return is_digit(c);
	}
}

/* A further byte; false if it cannot stand there. */
bool
mo_json_scalar_next(JsonSplit *s, char c)
{
	switch (s->scalar)
	{
		case SCALAR_WORD:
			return *s->word != '\0' && c == *s->word++;
		case SCALAR_MINUS:
			s->scalar = c == '0' ? SCALAR_ZERO : SCALAR_INTEGER;
			return is_digit(c);
		case SCALAR_INTEGER:
			if (is_digit(c))
				return true;
			/* fall through */
		case SCALAR_ZERO:
			s->scalar = c == '.' ? SCALAR_POINT : SCALAR_E;
			return c == '.' || c == 'e' || c == 'E';
		case SCALAR_POINT:
			s->scalar = SCALAR_FRACTION;
			return is_digit(c);
		case SCALAR_FRACTION:
			if (is_digit(c))
				return true;
			s->scalar = SCALAR_E;
			return c == 'e' || c == 'E';
		case SCALAR_E:
			s->scalar = is_digit(c) ? SCALAR_EXPONENT : SCALAR_E_SIGN;
			return is_digit(c) || c == '+' || c == '-';
		case SCALAR_E_SIGN:
		case SCALAR_EXPONENT:
			s->scalar = SCALAR_EXPONENT;
			return is_digit(c);
	}
	return false;
}

/* May it end here? */
bool
mo_json_scalar_end(const JsonSplit *s)
{
	switch (s->scalar)
	{
		case SCALAR_WORD:
			return *s->word == '\0';
		case SCALAR_ZERO:
		case SCALAR_INTEGER:
		case SCALAR_FRACTION:
		case SCALAR_EXPONENT:
			return true;
		default:
			return false;
	}
}
