// Of every list that is loaded page by page.

export const loadMore = "Load more";
export const noMore = "That is all of them.";
