/** Tests of the Helm chart: what it renders, what it refuses, and what it says. */
package io.hongbao.chart;
