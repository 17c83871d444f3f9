/*-------------------------------------------------------------------------
 *
 * sentiment.h
 *	  The feeling of a message, for triage.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_SENTIMENT_H
#define MOMENTUM_SENTIMENT_H

#include "hub/lexicon.h"

/*
 * From -5 to 5; false when the message has neither word nor emoji.
 */
extern bool mo_sentiment_score(const Lexicon *lex, const Message *m, double *score);

#endif /* MOMENTUM_SENTIMENT_H */
