mod quantiles;
