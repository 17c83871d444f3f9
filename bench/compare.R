# The trends of bench/compare as R has them: compare.R IN OUT.
# IN has columns id, x, k (weekday), y, w; OUT id, slope, se_iid, kendall_p.
paths <- commandArgs(TRUE)
series <- split(read.csv(paths[1], colClasses = c("integer", "numeric", "integer", "numeric", "numeric")), ~id)
out <- lapply(series, function(s) {
    groups <- length(unique(s$k))
    slope <- se <- NA
    if (nrow(s) - groups - 1 >= 5) {
        fit <- if (groups > 1) lm(y ~ x + factor(k), s, weights = w) else lm(y ~ x, s, weights = w)
        found <- suppressWarnings(coef(summary(fit)))["x", ]
        slope <- found[1]
        se <- found[2]
    }
    kendall <- if (length(unique(s$y)) > 1)
        suppressWarnings(cor.test(s$x, s$y, method = "kendall", exact = FALSE, continuity = TRUE)$p.value) else NA
    data.frame(id = s$id[1], slope = slope, se_iid = se, kendall_p = kendall)
})
write.csv(format(do.call(rbind, out), digits = 17, trim = TRUE), paths[2], row.names = FALSE, quote = FALSE)
