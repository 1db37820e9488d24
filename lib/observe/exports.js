'use strict';

// The functions on snapshots as the package exports them. The first call loads the rest.

const bucketBounds = () => require('./snapshot.js').bucketBounds();
const intervalBetween = (earlier, later) => require('./snapshot.js').intervalBetween(earlier, later);

module.exports = {bucketBounds, intervalBetween};
