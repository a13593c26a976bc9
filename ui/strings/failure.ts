// Of changes that failed.

export const notDone = "Not done.";
export const maybeDone = "It is not known whether it was done. Try again: that does no harm.";
