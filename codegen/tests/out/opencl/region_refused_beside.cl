it changes memory beside its loop (count)
