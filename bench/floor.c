/*-------------------------------------------------------------------------
 *
 * floor.c
 *	  What a scan costs without PostgreSQL: libcurl and json-c, no more.
 *
 *	  floor BASE-URL TAPE
 *
 * Sends the requests of the tape one after the other over one connection,
 * cuts the records out of each answer, parses each with json-c and reads the
 * text of every field: the answers hold only fields that were asked for.
 * Prints milliseconds, records, decoded bytes.
 *
 *-------------------------------------------------------------------------
 */
#include <curl/curl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tape.h"

static char *page;
static size_t page_len;
static size_t page_size;
static size_t text_bytes;

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	size_t len = size * n;

	if (page_len + len + 1 > page_size)
	{
		page_size = (page_len + len + 1) * 2;
		page = realloc(page, page_size);
		if (page == NULL)
			die("out of memory");
	}
	memcpy(page + page_len, data, len);
	page_len += len;
	page[page_len] = '\0';
	return len;
}

/* Read the text of everything below a value. */
static void
read_fields(struct json_object *value)
{
	switch (json_object_get_type(value))
	{
		case json_type_null:
			break;
		case json_type_object:
		{
			json_object_object_foreach(value, key, member)
			{
				(void) key;
				read_fields(member);
			}
			break;
		}
		case json_type_array:
			for (size_t i = 0; i < json_object_array_length(value); i++)
				read_fields(json_object_array_get_idx(value, i));
			break;
		case json_type_string:
			text_bytes += json_object_get_string_len(value);
			break;
		default:
			text_bytes += strlen(json_object_get_string(value));
			break;
	}
}

/* The end of the object that begins at p. */
static const char *
object_end(const char *p)
{
	int depth = 0;

	for (;; p++)
	{
		if (*p == '"')
		{
			for (p++; *p != '"'; p++)
			{
				if (*p == '\\')
					p++;
			}
		}
		else if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0)
			return p + 1;
		else if (*p == '\0')
			die("a record is cut off");
	}
}

/* Records of the page: the elements of its array "nodes". */
static long
read_page(struct json_tokener *tok)
{
	const char *p = strstr(page, "\"nodes\":");
	long records = 0;

	if (p == NULL)
		die("an answer has no records: %.200s", page);
	p = strchr(p, '[') + 1;
	while (*p != ']')
	{
		const char *end;
		struct json_object *record;

		if (*p != '{')
		{
			p++;
			continue;
		}
		end = object_end(p);
		json_tokener_reset(tok);
		record = json_tokener_parse_ex(tok, p, (int) (end - p));
		if (record == NULL)
			die("a record is not JSON");
		read_fields(record);
		json_object_put(record);
		records++;
		p = end;
	}
	return records;
}

int
main(int argc, char **argv)
{
	struct json_tokener *tok = json_tokener_new();
	CURL *easy;
	Tape tape;
	long records = 0;
	size_t bytes = 0;
	double began;

	if (argc != 3)
		die("usage: floor BASE-URL TAPE");
	tape = tape_read(argv[2]);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	easy = curl_easy_init();
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 64L * 1024);

	began = now_ms();
	for (int i = 0; i < tape.len; i++)
	{
		const Exchange *e = &tape.exchange[i];
		struct curl_slist *headers = tape_headers(e);
		char *url = tape_url(argv[1], e);
		CURLcode rc;

		curl_easy_setopt(easy, CURLOPT_URL, url);
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, e->body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long) e->body_len);
		page_len = 0;
		rc = curl_easy_perform(easy);
		if (rc != CURLE_OK)
			die("%s", curl_easy_strerror(rc));
		records += read_page(tok);
		bytes += page_len;
		curl_slist_free_all(headers);
		free(url);
	}
	printf("%.3f %ld %zu\n", now_ms() - began, records, bytes);
	return text_bytes == 0;
}
