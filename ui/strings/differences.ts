/** Said between before and after, where others see an arrow. */
export const becomes = "becomes";
