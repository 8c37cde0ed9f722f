// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

interface AssetLike {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @notice An asynchronous vault that is its own share token. Tests decide what becomes claimable and at what index,
///         and may make it pay or take a different amount than it should.
contract UnitMock {
    uint256 public constant RAY = 1e27;

    address public asset;
    address public classProxy;
    uint256 public index = RAY;
    int256 public skew;

    mapping(address => uint256) public balanceOf;
    mapping(address => uint256) public pendingAssets;
    mapping(address => uint256) public pendingShares;
    mapping(address => uint256) public maxMint;
    mapping(address => uint256) public maxWithdraw;
    uint256 public redeemLiquidity;

    constructor(address asset_, address classProxy_) {
        asset = asset_;
        classProxy = classProxy_;
    }

    // --- what a test sets ---

    function setAsset(address asset_) external {
        asset = asset_;
    }

    function setClassProxy(address classProxy_) external {
        classProxy = classProxy_;
    }

    function setIndex(uint256 index_) external {
        index = index_;
    }

    /// @dev Added to every amount of asset or shares that moves.
    function setSkew(int256 skew_) external {
        skew = skew_;
    }

    function give(address to, uint256 shares) external {
        balanceOf[to] += shares;
    }

    function settleDeposit(address who, uint256 assets, uint256 shares) external {
        pendingAssets[who] -= assets;
        maxMint[who] += shares;
    }

    function settleRedeem(address who, uint256 shares, uint256 assets) external {
        pendingShares[who] -= shares;
        maxWithdraw[who] += assets;
    }

    // --- what the facets call ---

    function convertToAssets(uint256 shares) public view returns (uint256) {
        return shares * index / RAY;
    }

    function convertToShares(uint256 assets) public view returns (uint256) {
        return assets * RAY / index;
    }

    function requestDeposit(uint256 assets, address controller, address owner) external returns (uint256) {
        AssetLike(asset).transferFrom(owner, address(this), _skewed(assets));
        pendingAssets[controller] += assets;
        return 0;
    }

    function mint(uint256 shares, address receiver) external returns (uint256) {
        maxMint[msg.sender] -= shares;
        balanceOf[receiver] += _skewed(shares);
        return convertToAssets(shares);
    }

    function requestRedeem(uint256 shares, address controller, address owner) external returns (uint256) {
        require(owner == msg.sender, "UnitMock: not the owner");
        balanceOf[owner] -= shares;
        pendingShares[controller] += shares;
        return 0;
    }

    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256) {
        require(owner == msg.sender, "UnitMock: not the owner");
        maxWithdraw[owner] -= assets;
        AssetLike(asset).transfer(receiver, _skewed(assets));
        return convertToShares(assets);
    }

    function exitDeposit(address receiver, address controller)
        external
        returns (uint256 assets, uint256 shares)
    {
        require(controller == msg.sender, "UnitMock: not the controller");
        require(pendingAssets[controller] != 0, "UnitMock: no position");
        assets = pendingAssets[controller];
        pendingAssets[controller] = 0;
        AssetLike(asset).transfer(receiver, assets);
        shares = _payShares(receiver, controller);
    }

    function exitRedeem(address receiver, address controller)
        external
        returns (uint256 shares, uint256 assets)
    {
        require(controller == msg.sender, "UnitMock: not the controller");
        require(pendingShares[controller] != 0, "UnitMock: no position");
        shares = pendingShares[controller];
        pendingShares[controller] = 0;
        balanceOf[receiver] += shares;
        assets = _payAssets(receiver, controller);
    }

    function settleFinalized(address receiver, address controller)
        external
        returns (uint256 shares, uint256 assets)
    {
        require(controller == msg.sender, "UnitMock: not the controller");
        shares = _payShares(receiver, controller);
        assets = _payAssets(receiver, controller);
    }

    function depositLiquidity(uint256 amount) external {
        require(msg.sender == classProxy, "UnitMock: not the class");
        AssetLike(asset).transferFrom(msg.sender, address(this), _skewed(amount));
        redeemLiquidity += amount;
    }

    function withdrawLiquidity(uint256 amount) external {
        require(msg.sender == classProxy, "UnitMock: not the class");
        redeemLiquidity -= amount;
        AssetLike(asset).transfer(classProxy, _skewed(amount));
    }

    function _payShares(address receiver, address controller) private returns (uint256 shares) {
        shares = maxMint[controller];
        maxMint[controller] = 0;
        balanceOf[receiver] += shares;
    }

    function _payAssets(address receiver, address controller) private returns (uint256 assets) {
        assets = maxWithdraw[controller];
        maxWithdraw[controller] = 0;
        AssetLike(asset).transfer(receiver, assets);
    }

    function _skewed(uint256 amount) private view returns (uint256) {
        return uint256(int256(amount) + skew);
    }
}
