"""Makes Tests/PortfolioTests/Goldens/sizing.json: volatilities and weights by numpy, shrunk covariances
by scikit-learn, weights of the least variance by PyPortfolioOpt.

    pip install -r scripts/checks/requirements.txt
    python3 scripts/golden_sizing.py

scripts/checks/goldens makes the file anew and compares.
"""

import json
import pathlib
import sys
import warnings

import numpy as np
from pypfopt import EfficientFrontier
from sklearn.covariance import ledoit_wolf

OUT = pathlib.Path(__file__).resolve().parents[1] / "Tests/PortfolioTests/Goldens/sizing.json"

# name, seed, instruments, returns, the sum of the weights, the largest weight, correlation
CASES = [
    ("two, hardly correlated", 1, 2, 30, 1.0, 1.0, 0.1),
    ("five", 2, 5, 60, 0.98, 1.0, 0.4),
    ("five with a cap that binds", 3, 5, 60, 0.98, 0.25, 0.4),
    ("twelve, closely correlated: some get nothing", 4, 12, 60, 0.9, 0.3, 0.85),
    ("more instruments than returns", 5, 20, 12, 1.0, 0.2, 0.5),
    ("a cap that leaves no choice", 6, 4, 40, 1.0, 0.25, 0.3),
]


def case(name, seed, size, count, total, cap, correlation):
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((count, 1))
    own = rng.standard_normal((count, size))
    scales = rng.uniform(0.005, 0.05, size)
    returns = (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own) * scales
    returns = np.round(returns, 9)
    volatility = returns.std(axis=0, ddof=1)
    inverse = (1 / volatility) / (1 / volatility).sum()
    covariance, shrinkage = ledoit_wolf(returns)
    # PyPortfolioOpt's weights add up to one: the sum and the cap are scaled to that, and back. The
    # solver's tolerance is absolute, so the covariance is scaled as well, which moves no weight.
    frontier = EfficientFrontier(
        None, covariance / np.trace(covariance) * size, weight_bounds=(0, cap / total), solver="CLARABEL",
        solver_options={"tol_gap_abs": 1e-14, "tol_gap_rel": 1e-14, "tol_feas": 1e-14})
    frontier.min_volatility()
    weights = frontier.weights * total
    return {
        "name": name, "sum": total, "cap": cap, "returns": returns.T.tolist(),
        "volatility": volatility.tolist(), "inverse_volatility": inverse.tolist(),
        "covariance": covariance.tolist(), "shrinkage": float(shrinkage),
        "minimum_variance": weights.tolist(),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    out.write_text(json.dumps([case(*row) for row in CASES]) + "\n")
