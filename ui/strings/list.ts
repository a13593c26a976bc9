// Of every list that is loaded page by page.

export const loadMore = "Load more";
