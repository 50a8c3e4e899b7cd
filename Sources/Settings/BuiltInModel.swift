/// The model that the built-in settings, `carillon init` and the demo use: linear, its weights chosen
/// by hand and not fitted to anything. It shows how a model is used, and promises no profit.
public enum BuiltInModel {
  /// What settings call it: `model: builtin:momentum`.
  public static let name = "builtin:momentum"

  /// The file, as `models/momentum.json` has it.
  public static let text = """
    {
      "kind": "linear", "version": 1, "name": "momentum",
      "features": ["momentum", "strength", "trend"],
      "weights": [0.4, 0.2, 0.4], "bias": 0,
      "standardisation": {"mean": [0, 50, 1], "deviation": [3, 15, 0.01]}
    }

    """
}
